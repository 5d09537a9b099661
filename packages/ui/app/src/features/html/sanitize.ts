import DOMPurify from "dompurify";

/** What a text may be made of. No scripts, styles, forms, frames or media, and nothing that acts. */
const TAGS = [
  ..."a abbr b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em".split(" "),
  ..."figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small".split(" "),
  ..."span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split(" "),
];
const ATTRIBUTES =
  "align alt cite color colspan datetime dir height href lang open reversed rowspan scope span src start title valign width".split(
    " ",
  );

/** What a sanitised element has in place of its `style`. */
export const STYLE = "data-style";

/** A piece of HTML as nodes of a document that does nothing: no script runs and nothing is loaded. */
export function sanitize(html: string): DocumentFragment {
  // A `style` is read by us (`styleOf`) and never by the parser, which would report it as against the page's policy.
  const quiet = html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s"'/])style(?=\s*=)/gi, `$1${STYLE}`));
  return DOMPurify.sanitize(quiet, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: [...ATTRIBUTES, STYLE],
    ADD_URI_SAFE_ATTR: [STYLE],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
