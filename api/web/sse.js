/**
 * Reads `text/event-stream` from a response body.
 *
 * Chunks may end anywhere: inside a character, between CR and LF, inside an event.
 * (`EventSource` cannot POST, which is why the page reads the stream itself.)
 */

/** @typedef {{event: string, data: string}} ServerEvent */

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<ServerEvent, void, void>}
 */
export async function* readEvents(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder("utf-8");
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      yield* parser.push(done ? decoder.decode() : decoder.decode(value, { stream: true }));
      if (done) return; // an event that its blank line never closed is dropped, as the standard says
    }
  } finally {
    reader.cancel().catch(() => {}); // already closed or already failed: nothing left to tell anyone
  }
}

export class EventParser {
  constructor() {
    this.rest = "";
    this.event = "";
    /** @type {string[]} */
    this.data = [];
  }

  /**
   * @param {string} text
   * @returns {ServerEvent[]} the events that this text completes
   */
  push(text) {
    /** @type {ServerEvent[]} */
    const complete = [];
    const buffer = this.rest + text;
    const lineEnd = /\r\n|\n|\r(?!$)/g; // a CR at the very end may be half of CRLF: wait for what follows
    let start = 0;
    for (let match = lineEnd.exec(buffer); match; match = lineEnd.exec(buffer)) {
      const event = this.line(buffer.slice(start, match.index));
      if (event) complete.push(event);
      start = lineEnd.lastIndex;
    }
    this.rest = buffer.slice(start);
    return complete;
  }

  /**
   * @param {string} line
   * @returns {ServerEvent | null} the event that a blank line closes
   */
  line(line) {
    if (line === "") {
      const event = this.data.length ? { event: this.event || "message", data: this.data.join("\n") } : null;
      this.event = "";
      this.data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    else if (field === "data") this.data.push(value);
    return null; // comments, ids and retries mean nothing to a request that is made once
  }
}
