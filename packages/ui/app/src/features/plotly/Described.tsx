import { type JSX, useMemo, useState } from "react";
import { strings } from "../../strings";
import { type Figure, type Series, seriesOf } from "./figure";

const MOST_ROWS = 100;

/** The numbers behind a figure, for those who do not see it, or want them exactly. */
export function Described({ figure }: { readonly figure: Figure }): JSX.Element | null {
  const [isOpen, setIsOpen] = useState(false);
  const series = useMemo(() => seriesOf(figure).filter(({ columns }) => columns.length > 0), [figure]);
  if (series.length === 0) return null;
  return (
    <details className="plotly-data" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{strings.viewers.plotly.data}</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
        <section className="plotly-tables" tabIndex={0} aria-label={strings.viewers.plotly.data}>
          {series.map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they have no other, and stay
            <Numbers key={at} series={one} />
          ))}
        </section>
      )}
    </details>
  );
}

function Numbers({ series }: { readonly series: Series }): JSX.Element {
  const rows = Math.max(...series.columns.map(({ values }) => values.length));
  const shown = Array.from({ length: Math.min(rows, MOST_ROWS) }, (_, row) => row);
  return (
    <table>
      <caption>
        {strings.viewers.plotly.series({ name: [series.name, series.type].filter(Boolean).join(", "), values: rows })}
        {rows > MOST_ROWS && ` ${strings.viewers.plotly.first({ rows: MOST_ROWS })}`}
      </caption>
      <thead>
        <tr>
          {series.columns.map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <tr key={row}>
            {series.columns.map(({ name, values }) => (
              <td key={name}>{told(values[row])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function told(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "number" ? String(Number(value.toPrecision(8))) : String(value);
}
