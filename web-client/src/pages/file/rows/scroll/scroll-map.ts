// Maps the position of a scroll bar to a place in rows that are higher than what a browser scrolls.
//
// The bar is as high as the rows, up to BAR_MOST. Above that, both of its ends are exact for END pixels, and what is between
// them is stretched. A small movement of the bar, as by a wheel or a finger, is a movement of as many pixels in any case; a
// large one, as by a drag of the bar, leads to the place that the bar shows.
//
// What it is not: it knows no element (see use-scroll.ts).
// Invariants: `toBar` and `toTop` never decrease, and map the ends to the ends; rows that fit are mapped to themselves.

/** CSS pixels. Browsers scroll 16 to 33 million pixels of the screen, which are fewer where the page is enlarged. */
export const BAR_MOST = 6_000_000;
/** CSS pixels at each end of the bar that are not stretched. */
const END = 100_000;
/** A movement of more CSS pixels is one of the bar itself: a pixel of its handle is more than this in stretched rows. */
export const STEP_MOST = 2_500;

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

export class ScrollMap {
  /** The height of what the browser scrolls, in CSS pixels. */
  readonly height: number;
  /** The greatest top: there the last row is at the lower edge. */
  readonly most: number;
  /** The greatest position of the bar. */
  readonly barMost: number;

  /** `total`: the height of all rows; `view`: that of the rows on the screen. */
  constructor(total: number, view: number) {
    this.height = Math.max(view, Math.min(total, BAR_MOST));
    this.most = Math.max(0, total - view);
    this.barMost = this.height - view;
  }

  get isStretched(): boolean {
    return this.most > this.barMost;
  }

  /** The position of the bar for a top. */
  toBar(top: number): number {
    const at = clamp(top, this.most);
    if (!this.isStretched || at <= END) return at;
    if (this.most - at <= END) return this.barMost - (this.most - at);
    return END + (at - END) / this.#stretch();
  }

  /** The top that a position of the bar shows. */
  toTop(bar: number): number {
    const at = clamp(bar, this.barMost);
    if (!this.isStretched || at <= END) return at;
    if (this.barMost - at <= END) return this.most - (this.barMost - at);
    return END + (at - END) * this.#stretch();
  }

  /** The top after the bar has moved, with the top before. */
  moved(top: number, from: number, to: number): number {
    if (!this.isStretched || Math.abs(to - from) > STEP_MOST) return this.toTop(to);
    return clamp(top + to - from, this.most);
  }

  /** Pixels of the rows for one of the bar between its ends. */
  #stretch(): number {
    return (this.most - 2 * END) / (this.barMost - 2 * END);
  }
}
