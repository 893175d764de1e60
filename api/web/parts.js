/**
 * A part of a long text, with every offset counted from where the part begins.
 *
 * The service counts in the whole text. What shows a text counts in what it shows: so a part is moved once, when it
 * comes, and a place in it is moved back once, when it goes out.
 */

/**
 * @typedef {import("./api.js").Span} Span
 * @typedef {import("./api.js").FullDocument} FullDocument
 * @typedef {import("./api.js").SourceText} SourceText
 */

/**
 * @param {FullDocument} article
 * @returns {FullDocument} with its map, its copies and its layout counted from `offset` on
 */
export function fromItsStart(article) {
  const by = article.offset ?? 0;
  if (!by) return article;
  const { layout } = article;
  return {
    ...article,
    map: article.map.map(([start, end, at]) => [start - by, end - by, at]),
    copies: article.copies.map((copy) => ({ ...copy, start: copy.start - by, end: copy.end - by })),
    blocks: article.blocks?.map((block) => blockMoved(block, -by)),
    layout: layout && {
      ...layout,
      blocks: layout.blocks.map((block) => ({ ...block, span: moved(block.span, -by) })),
      joins: layout.joins.map((join) => ({ ...join, at: join.at - by })),
      cuts: layout.cuts.map((at) => at - by),
      variants: layout.variants.map((variant) => ({ ...variant, span: moved(variant.span, -by) })),
    },
  };
}

/**
 * @param {import("./api.js").Block} block
 * @param {number} by
 */
function blockMoved(block, by) {
  const cells = block.cells.map((cell) => ({ ...cell, start: cell.start + by, end: cell.end + by }));
  return { ...block, start: block.start + by, end: block.end + by, cells };
}

/**
 * The article as it stands in a part of its source.
 * @param {FullDocument} article  counted from its start
 * @param {SourceText} source
 * @returns {{article: FullDocument, source: SourceText}} both with their places in the source counted from the part's
 *     start; what lies before or behind it is cut off
 */
export function withinPart(article, source) {
  const by = source.offset ?? 0;
  const length = [...source.text].length;
  if (!by && length === (source.characters ?? length)) return { article, source };
  const clamped = (/** @type {number} */ at) => Math.min(Math.max(at - by, 0), length);
  /** @type {(span: Span) => Span} */
  const inside = ([start, end]) => [clamped(start), clamped(end)];
  const spans = (/** @type {Span[]} */ all) => all.map(inside).filter(([start, end]) => start < end);
  const { layout } = article;
  return {
    article: {
      ...article,
      map: article.map.flatMap(([start, end, at]) => {
        const [low, high] = inside([at, at + end - start]);
        const first = start + low - (at - by);
        return low < high ? [/** @type {[number, number, number]} */ ([first, first + high - low, low])] : [];
      }),
      copies: article.copies.map((copy) => ({ ...copy, source: { ...copy.source, spans: spans(copy.source.spans) } })),
      layout: layout && {
        ...layout,
        blocks: layout.blocks.map((block) => ({ ...block, source_spans: spans(block.source_spans) })),
        captions: layout.captions.map((caption) => ({ ...caption, source_spans: spans(caption.source_spans) })),
        variants: layout.variants.map((variant) => ({ ...variant, source_spans: spans(variant.source_spans) })),
      },
    },
    source: {
      ...source,
      documents: source.documents?.map((each) => ({ ...each, spans: spans(each.spans) })),
    },
  };
}

/**
 * @param {{text: string, offset?: number, characters?: number}} shown
 * @returns {boolean} whether it is not all of its text
 */
export function isPart({ text, offset = 0, characters = 0 }) {
  return offset > 0 || text.length < characters; // a text has as many units as characters, or more
}

/**
 * @param {Span} span
 * @param {number} by
 * @returns {Span}
 */
export function moved([start, end], by) {
  return [start + by, end + by];
}
