const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/**
 * Dates what is shown with hours and minutes alone: a line tells the day whenever it is not that of what stands above.
 * What has no such line above it is of the day on which the program began. Days are local, each by the offset of its
 * own (C63).
 */
export class DayLines {
  #day: string;

  constructor(nowMs: number) {
    this.#day = localDay(nowMs);
  }

  /** The text that shows this time, with the line of its day above it where one is due. */
  dated(timeMs: number, text: string): string {
    const day = localDay(timeMs);
    if (day === this.#day) return text;
    this.#day = day;
    return `${WEEKDAYS[new Date(timeMs).getDay()]}, ${day}:\n${text}`;
  }
}

/** `2026-11-03`, where this program runs. */
export function localDay(timeMs: number): string {
  const date = new Date(timeMs);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}
