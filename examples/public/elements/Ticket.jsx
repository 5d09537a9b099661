import { Avatar, AvatarFallback } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardDescription, CardFooter, CardHeader, CardTitle } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { ArrowRight, CircleCheck } from "lucide-react";
import { useState } from "react";

export default function Ticket() {
  const [isBusy, setIsBusy] = useState(false);
  const isDone = props.progress >= 100;
  const initials = props.assignee.split(" ").map((name) => name[0]);

  const advance = async () => {
    setIsBusy(true);
    try {
      await callAction({ name: "advance", payload: {} });
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <Card className="w-full max-w-md">
      <CardHeader>
        <div className="flex items-center justify-between gap-2">
          <CardDescription>{props.key}</CardDescription>
          <Badge variant={isDone ? "default" : "secondary"}>{props.status}</Badge>
        </div>
        <CardTitle>{props.title}</CardTitle>
      </CardHeader>
      <CardContent className="flex flex-col gap-3">
        <Progress value={props.progress} aria-label="Progress of the ticket" />
        <div className="flex flex-wrap items-center gap-2 text-sm text-muted-foreground">
          <Avatar className="h-7 w-7">
            <AvatarFallback>{initials}</AvatarFallback>
          </Avatar>
          {props.assignee}
          {props.labels.map((label) => (
            <Badge key={label} variant="outline">
              {label}
            </Badge>
          ))}
        </div>
      </CardContent>
      <CardFooter>
        {isDone ? (
          <span className="flex items-center gap-2 text-sm text-muted-foreground">
            <CircleCheck className="h-4 w-4" /> Nothing left to do
          </span>
        ) : (
          <Button variant="outline" disabled={isBusy} onClick={advance}>
            Move on <ArrowRight />
          </Button>
        )}
      </CardFooter>
    </Card>
  );
}
