// The cost of a page while something happens: CPU time of its main thread and of its process, memory, and frames.
//
// Invariant: times are those of a thread on a CPU, so other programs on the machine add nothing.

/** A frame that a person notices, in milliseconds. */
const LONG_FRAME_MILLIS = 100;

export class Meter {
  #page;
  #session;
  #browser;

  static async of({ page, context }) {
    const meter = new Meter();
    meter.#page = page;
    meter.#session = await context.newCDPSession(page);
    meter.#browser = await context.browser()?.newBrowserCDPSession();
    await meter.#session.send("Performance.enable", { timeDomain: "threadTicks" });
    return meter;
  }

  /** What the page costs in each second, as a share of one core in percent, while `play` runs. */
  async during(play) {
    await this.#page.evaluate(watchFrames, LONG_FRAME_MILLIS);
    const [before, since] = [await this.#read(), performance.now()];
    await play();
    const [after, seconds] = [await this.#read(), (performance.now() - since) / 1_000];
    const frames = await this.#page.evaluate(() => globalThis.stopFrames());
    const share = (name) =>
      before[name] === undefined
        ? undefined
        : Number((((after[name] - before[name]) / seconds) * 100).toFixed(1));
    return {
      main: share("TaskDuration"),
      script: share("ScriptDuration"),
      layout: share("LayoutDuration"),
      style: share("RecalcStyleDuration"),
      renderer: share("renderer"),
      heapMegabytes: Number((after.JSHeapUsedSize / 1e6).toFixed(1)),
      ...frames,
    };
  }

  async #read() {
    const { metrics } = await this.#session.send("Performance.getMetrics");
    const found = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    const processes = await this.#browser?.send("SystemInfo.getProcessInfo");
    for (const { type, cpuTime } of processes?.processInfo ?? [])
      found[type] = (found[type] ?? 0) + cpuTime;
    return found;
  }
}

/** Runs in the page: counts the frames that take long. The browser reports them; nothing is asked for. */
function watchFrames(longMillis) {
  const long = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) if (duration > longMillis) long.push(duration);
  });
  observer.observe({ type: "long-animation-frame", buffered: false });
  globalThis.stopFrames = () => {
    observer.disconnect();
    return { longFrames: long.length, longestFrameMillis: Math.round(Math.max(0, ...long)) };
  };
}
