/** Something of everything Markdown can be. */
export const answer = `## Two regions explain 71 % of the loss

Most of it is **support**, not price: in both regions the time to first answer *doubled* in August, a month before accounts began to leave. See [the tickets](https://example.com/tickets) and \`accounts.closed_at\`.

| Region | Lost | Churn | First answer |
| --- | ---: | ---: | ---: |
| DACH | 214 | 6.1 % | 19 h |
| Nordics | 131 | 5.4 % | 17 h |
| Iberia | 38 | 1.2 % | 4 h |

\`\`\`sql
select region, count(*) as lost, avg(first_answer_h) as wait
from accounts where closed_at >= '2026-07-01'   -- third quarter
group by region order by lost desc
\`\`\`

What I would do next:

1. Ask the **DACH** team for their August roster
2. Compare with Q2
   - by plan
   - by account age
3. Write to the owners

> Churn that follows a support backlog is usually won back within a quarter.

- [x] Load the table
- [ ] Send the notes

<script>alert("text, not a script")</script>

Done &mdash; ~~nearly~~ completely.
`;
