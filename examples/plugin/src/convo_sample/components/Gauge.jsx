// Shown by `convo.CustomElement("Gauge", props={"label": "Oven", "value": 180, "most": 250})`.
import { Button } from "@/components/ui/button";

export default function Gauge() {
  const most = props.most ?? 100;
  const set = (value) => updateElement({ ...props, value: Math.max(0, Math.min(most, value)) });
  return (
    <div className="flex items-center gap-3">
      <label>
        {props.label} <meter max={most} value={props.value} /> {props.value}
      </label>
      <Button variant="outline" onClick={() => set(props.value - most / 10)}>
        Less
      </Button>
      <Button variant="outline" onClick={() => set(props.value + most / 10)}>
        More
      </Button>
    </div>
  );
}
