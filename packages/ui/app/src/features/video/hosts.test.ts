import { expect, test } from "vitest";
import { filmOf, optionsOf } from "./hosts";

test.each([
  ["https://www.youtube.com/watch?v=aqz-KE-bpKQ", "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?"],
  ["https://youtu.be/aqz-KE-bpKQ?t=1m30s", "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?start=90&"],
  ["https://m.youtube.com/shorts/aqz-KE-bpKQ", "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?"],
  ["https://vimeo.com/channels/staff/76979871", "https://player.vimeo.com/video/76979871?"],
  ["https://vimeo.com/76979871/0a1b2c3d", "https://player.vimeo.com/video/76979871?h=0a1b2c3d&"],
  ["https://www.dailymotion.com/video/x8abcd", "https://geo.dailymotion.com/player.html?video=x8abcd&"],
  ["https://dai.ly/x8abcd", "https://geo.dailymotion.com/player.html?video=x8abcd&"],
  [
    "https://www.loom.com/share/0281766fa2d04bb788eaf19e65135184",
    "https://www.loom.com/embed/0281766fa2d04bb788eaf19e",
  ],
  ["https://acme.wistia.com/medias/e4a27b971d", "https://fast.wistia.net/embed/iframe/e4a27b971d?"],
  ["https://streamable.com/moo9ke", "https://streamable.com/e/moo9ke?"],
])("%s plays in its host's player", (address, player) => {
  expect(filmOf(address)?.player.startsWith(player)).toBe(true);
});

test.each([
  "https://example.com/film.mp4",
  "https://youtube.com.example.org/watch?v=aqz-KE-bpKQ",
  "https://notvimeo.com/76979871",
  "https://www.youtube.com/watch?v=a/../b",
  "https://www.youtube.com/",
  "https://www.dailymotion.com/signin",
  "ftp://vimeo.com/1",
  "/public/film.mp4",
])("%s is no film on a host", (address) => {
  expect(filmOf(address)).toBeUndefined();
});

test("an author's options reach the player as plain values, wherever existing apps write them", () => {
  expect(
    optionsOf({ youtube: { playerVars: { start: 30, controls: false, on: {} } }, vimeo: { dnt: 0 } }, "youtube"),
  ).toEqual({ start: 30, controls: 0 });
  expect(filmOf("https://vimeo.com/1234", { loop: true })?.player).toContain("loop=1");
});
