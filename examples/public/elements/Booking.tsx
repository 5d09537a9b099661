import { useElement } from "convo";
import { Button, Card, CardContent, CardFooter, Input, Label, Select, SelectContent, SelectItem, SelectTrigger, SelectValue, Slider, Switch } from "convo/ui";
import { useState } from "react";

interface Booking {
  day: string;
  seats: number;
  room: string;
  reminder: boolean;
}

const ROOMS: Record<string, string> = { garden: "Garden", library: "Library", cellar: "Cellar" };

export default function BookingForm() {
  const { props, isAsked, submit, cancel } = useElement<Booking>();
  const [booking, setBooking] = useState(props);
  const set = (change: Partial<Booking>) => setBooking({ ...booking, ...change });

  return (
    <Card className="w-full max-w-md">
      <CardContent className="grid gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <div className="grid gap-1.5">
            <Label htmlFor="day">Day</Label>
            <Input id="day" type="date" value={booking.day} onChange={(event) => set({ day: event.target.value })} />
          </div>
          <div className="grid gap-1.5">
            <Label htmlFor="room">Room</Label>
            <Select value={booking.room} onValueChange={(room) => set({ room })}>
              <SelectTrigger id="room">
                <SelectValue placeholder="Choose a room" />
              </SelectTrigger>
              <SelectContent>
                {Object.entries(ROOMS).map(([id, name]) => (
                  <SelectItem key={id} value={id}>
                    {name}
                  </SelectItem>
                ))}
              </SelectContent>
            </Select>
          </div>
        </div>
        <div className="grid gap-1.5">
          <div className="flex justify-between text-sm">
            <Label id="seats">Seats</Label>
            <span className="text-muted-foreground">{booking.seats}</span>
          </div>
          <Slider
            aria-labelledby="seats"
            min={1}
            max={8}
            value={[booking.seats]}
            onValueChange={([seats = 1]) => set({ seats })}
          />
        </div>
        <div className="flex items-center gap-3">
          <Switch id="reminder" checked={booking.reminder} onCheckedChange={(reminder) => set({ reminder })} />
          <Label htmlFor="reminder">Remind me the day before</Label>
        </div>
      </CardContent>
      <CardFooter>
        <Button disabled={!isAsked} onClick={() => submit(booking)}>
          Book
        </Button>
        <Button variant="ghost" disabled={!isAsked} onClick={cancel}>
          Not now
        </Button>
      </CardFooter>
    </Card>
  );
}
