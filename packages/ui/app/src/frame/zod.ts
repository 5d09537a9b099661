import * as zod from "zod";

zod.config({ jitless: true }); // nothing in a frame may be made of text at run time but the component itself

window.convoFrame.parts.zod = { ...zod };
