/** The service as functions: paths, headers and error bodies are known here and nowhere else. */

import { readEvents } from "./sse.js";

/**
 * @typedef {[number, number]} Span  half-open, in code points
 * @typedef {{name: string, sha256: string, spans?: Span[]}} SourceRef
 * @typedef {{source?: SourceRef, name?: string, sha256?: string, document_id?: number | null,
 *     start?: number | null, end?: number | null}} Copy
 * @typedef {{marker: number, document_id: number, title: string, published: string | null, passage_id: number,
 *     quote: string, start: number, end: number, source: Required<SourceRef>, also_in: Copy[],
 *     dates?: {text: string, start: number, end: number, means: string}[], where?: Where}} Citation
 * @typedef {{headings: string[], page: number | null, row: Record<string, string> | null, ocr?: boolean}} Where
 * @typedef {{text: string, citations: number[], verdict: string | null}} Claim
 * @typedef {{passage_id: number, document_id: number, title: string, text: string, start: number, end: number,
 *     published?: string | null, score: number, where?: Where}} Hit
 * @typedef {{id: string, question: string, status: "answered" | "not_found" | "insufficient" | "conflicting",
 *     answer: string, short_answer: string | null, claims: Claim[], citations: Citation[], hits: Hit[],
 *     nearest: Hit[], timings_ms: Record<string, number>, asked?: {text: string, from_history: boolean} | null,
 *     notice?: string | null, frame?: string | null, struck?: any,
 *     maybe?: {document_id: number, start: number, end: number, text: string} | null, gone?: number[], changed?: number[]}} Answer
 * @typedef {{id: number, title: string, published: string | null, source: SourceRef | string,
 *     characters: number, ingested?: string | null}} DocumentRow
 * @typedef {{at: number, confidence: number, lossy: boolean}} Join
 * @typedef {{blocks: {kind: string, span: Span, source_spans: Span[], confidence: number}[], joins: Join[],
 *     cuts: number[], variants: {span: Span, text: string, source_spans: Span[]}[],
 *     captions: {text: string, credit: string | null, source_spans: Span[]}[], kicker: string | null,
 *     subtitle: string | null, agency: string | null, published_from: string | null, confidence: number}} Layout
 * @typedef {{id: number, title: string, byline: string | null, dateline: string | null, place: string | null,
 *     published: string | null, text: string, source: SourceRef, map: [number, number, number][],
 *     copies: {start: number, end: number, source: Required<SourceRef>}[], layout?: Layout | null, blocks?: Block[],
 *     media_type?: string,
 *     offset?: number, characters?: number}} FullDocument  of a long one, maybe the part of its text from `offset` on
 * @typedef {{role: string, start: number, end: number, level: number, page: number | null, table: number | null,
 *     cells: {head: string, start: number, end: number}[], label: string | null, ocr: boolean}} Block
 * @typedef {{name: string, sha256: string, text: string, media_type?: string, verbatim?: boolean, offset?: number, characters?: number,
 *     documents?: {id: number, title: string, spans: Span[]}[]}} SourceText  likewise
 * @typedef {{name: string, kind: string, detail: string}} Warning  what of a file was left out
 * @typedef {{documents: DocumentRow[], failed: {name: string, why: string}[], warnings?: Warning[],
 *     replaced?: number[]}} Uploaded
 */

/** What the service, or the way to it, said went wrong. `status` 0: no reply at all. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string | null} detail  the service's own words
   * @param {{type?: string, key?: string, warnings?: Warning[]}} [body]  the rest of what it said
   */
  constructor(status, detail, { type = "", key = "", warnings = [] } = {}) {
    super(detail ?? `status ${status}`);
    this.status = status;
    this.detail = detail;
    /** The kind of problem, as `not-ready`. */
    this.type = type.replace(/^.*#problem-/, "");
    this.key = key;
    /** Of an unreadable file: what kind of trouble it is. */
    this.kind = warnings[0]?.kind ?? "";
    /** Whether a stream ended before its answer. */
    this.cut = false;
  }
}

let apiKey = "";

/** @param {string} key */
export function useKey(key) {
  apiKey = key;
}

/** Whether requests carry a key, which a plain link or picture would not. */
export function hasKey() {
  return apiKey !== "";
}

/** @returns {Record<string, string>} */
function credentials() {
  return apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function request(path, init = {}) {
  let response;
  try {
    response = await fetch(path, { ...init, headers: { ...credentials(), ...init.headers } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, null);
  }
  if (!response.ok) throw problem(response.status, await response.text());
  return response;
}

/**
 * @param {number} status
 * @param {string} body  problem+json, or whatever a proxy in between sent
 */
function problem(status, body) {
  if (status === 401) document.dispatchEvent(new CustomEvent("key-needed"));
  try {
    const said = JSON.parse(body);
    return new Problem(status, typeof said.detail === "string" ? said.detail : null, said);
  } catch {
    return new Problem(status, null);
  }
}

/**
 * Asks, and yields the events of the reply as they come.
 * @param {{question: string, documents?: number[], history?: string[]}} body
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<{event: string, data: any}, void, void>}
 */
export async function* ask(body, signal) {
  const response = await request("/v1/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.body) throw new Problem(0, null);
  try {
    for await (const { event, data } of readEvents(response.body)) yield { event, data: JSON.parse(data) };
  } catch (error) {
    if (signal.aborted || error instanceof Problem) throw error;
    throw new Problem(0, null);
  }
}

/**
 * @param {string} lang
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>}
 */
export async function examples(lang, signal) {
  const response = await request(`/v1/examples?lang=${lang}`, { signal });
  return (await response.json()).examples;
}

/**
 * @param {number | string | null} after
 * @param {AbortSignal} signal
 * @returns {Promise<{documents: DocumentRow[], next: number | string | null}>}
 */
export async function listDocuments(after, signal) {
  const query = after === null ? "" : `?after=${encodeURIComponent(after)}`;
  return (await request(`/v1/documents${query}`, { signal })).json();
}

/**
 * @param {number} id
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether a document is still there; asked of the list, for which no is no error
 */
export async function isThere(id, signal) {
  const page = await (await request(`/v1/documents?after=${Number(id) - 1}&limit=1`, { signal })).json();
  return page.documents[0]?.id === id;
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>} as it was given, with what became of its documents
 */
export async function getAnswer(id, signal) {
  return (await request(`/v1/answers/${encodeURIComponent(id)}`, { signal })).json();
}

/**
 * @param {number} id
 * @param {AbortSignal} signal
 * @param {number | null} [around]  of a long text only the part around this offset; null for all of it
 * @returns {Promise<FullDocument>}
 */
export async function getDocument(id, signal, around = null) {
  return (await request(`/v1/documents/${Number(id)}${part(around)}`, { signal })).json();
}

/** @param {number | null} around */
function part(around) {
  return around === null ? "" : `?around=${Math.max(0, Math.trunc(around))}`;
}

/** @param {{answer_id: string, verdict: "up" | "down", span?: any, comment?: string}} word */
export async function giveFeedback(word) {
  const headers = { "Content-Type": "application/json" };
  await request("/v1/feedback", { method: "POST", headers, body: JSON.stringify(word) });
}

/** @param {string} answerId */
export async function deleteFeedback(answerId) {
  await request(`/v1/feedback/${encodeURIComponent(answerId)}`, { method: "DELETE" });
}

/** @param {number} id */
export async function deleteDocument(id) {
  await request(`/v1/documents/${Number(id)}`, { method: "DELETE" });
}

/**
 * @param {string} sha256
 * @param {AbortSignal} signal
 * @param {number | null} [around]  as for a document
 * @returns {Promise<SourceText>}
 */
export async function getSource(sha256, signal, around = null) {
  return (await request(`/v1/sources/${encodeURIComponent(sha256)}${part(around)}`, { signal })).json();
}

/**
 * The address of a source's own bytes.
 * @param {string} sha256
 */
export function fileUrl(sha256) {
  return `/v1/sources/${encodeURIComponent(sha256)}/file`;
}

/**
 * What lies at one of the service's own addresses, with the key if there is one.
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function fetched(url, signal) {
  return (await request(url, { signal })).blob();
}

/**
 * A page of a PDF as a picture, and where on it some of its words stand.
 * @param {string} sha256
 * @param {number} page  from 1
 * @param {Span[]} lit  of the source's text
 * @param {AbortSignal} signal
 * @returns {Promise<{picture: Blob, boxes: [number, number, number, number][], pages: number}>} boxes in shares of
 *     the page: left, top, right, bottom
 */
export async function pagePicture(sha256, page, lit, signal) {
  const path = `/v1/sources/${encodeURIComponent(sha256)}/pages/${Number(page)}`;
  const quoted = lit.map(([start, end]) => `span=${start}-${end}`).join("&");
  const [picture, where] = await Promise.all([fetched(`${path}.png`, signal), request(`${path}?${quoted}`, { signal })]);
  const { boxes, pages } = await where.json();
  return { picture, boxes, pages };
}

/**
 * @param {string} title
 * @param {string} text
 * @returns {Promise<Uploaded>}
 */
export async function addText(title, text) {
  const headers = { "Content-Type": "application/json" };
  return (await request("/v1/documents", { method: "POST", headers, body: JSON.stringify({ title, text }) })).json();
}

/**
 * Sends one file. `XMLHttpRequest`, because `fetch` does not say how much of a body has gone out.
 * @param {File} file
 * @param {string} name  with the folders that it came in
 * @param {(share: number) => void} onProgress  0 to 1
 * @returns {Promise<Uploaded>}
 */
export function upload(file, name, onProgress) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", "/v1/documents");
    for (const [name, value] of Object.entries(credentials())) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    xhr.upload.onload = () => onProgress(1);
    xhr.onerror = () => reject(new Problem(0, null));
    xhr.onload = () => {
      if (xhr.status >= 400) return reject(problem(xhr.status, xhr.responseText));
      try {
        return resolve(JSON.parse(xhr.responseText));
      } catch {
        return reject(new Problem(xhr.status, null));
      }
    };
    const form = new FormData();
    form.append("files", file, name);
    xhr.send(form);
  });
}
