/** The service counts Unicode code points, JavaScript counts UTF-16 units: this is the bridge. */

export class CodePoints {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    /** Where, in code points, the characters that take two units stand. @type {number[]} */
    this.wide = [];
    let point = 0;
    if (/[\ud800-\udbff]/.test(text)) {
      for (const character of text) {
        if (character.length === 2) this.wide.push(point);
        point += 1;
      }
    } else {
      point = text.length;
    }
    /** Length in code points. */
    this.length = point;
  }

  /**
   * The UTF-16 index of a code point offset; offsets outside the text are clamped to it.
   * @param {number} point
   */
  toUnits(point) {
    const offset = Math.max(0, Math.min(point, this.length));
    let low = 0;
    let high = this.wide.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.wide[middle] < offset) low = middle + 1;
      else high = middle;
    }
    return offset + low;
  }

  /**
   * @param {number} start  in code points
   * @param {number} end  in code points, exclusive
   */
  slice(start, end) {
    return this.text.slice(this.toUnits(start), this.toUnits(end));
  }
}
