import type { Failure } from './failure.ts';
import { sanitise } from './text/sanitise.ts';

/** Something that can be written to, and says when it broke. */
export interface Sink {
  write(text: string, done?: (error?: Error | null) => void): boolean;
  /** A terminal that shows nothing but ASCII: text for people is written so (C65). */
  readonly isAscii?: boolean;
}

export interface OutputOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly json: boolean;
  /** Only these fields of JSON objects; all when empty. */
  readonly fields: readonly string[];
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** A JSON object of the program: `v` and `type` lead. */
export interface JsonObject {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * The one way to stdout and stderr. What was asked for goes to stdout, everything else to stderr. Human text passes
 * the sanitiser here, as a whole, whoever put it together; JSON is exact, and its escapes keep control characters out.
 */
export class Output {
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  get isJson(): boolean {
    return this.#options.json;
  }

  /** A result: as an object with --json, else as text. `done` is called when it has left the program. */
  result(object: JsonObject, text: string, done?: () => void): void {
    this.#out(this.isJson ? this.#format(object) : this.#readable(text), done);
  }

  /** A result that is only worth a line when someone looks: left out with --quiet. */
  report(object: JsonObject, text: string): void {
    if (this.isJson) this.result(object, text);
    else if (!this.#options.quiet) this.#out(this.#readable(text));
  }

  /** A line for people, such as help. */
  text(text: string): void {
    this.#out(this.#readable(text));
  }

  /** Lines in a format of their own, exact; resolves when they have left the program. Not for foreign text as it is. */
  async exact(lines: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.stdout.write(lines, () => resolve());
    });
  }

  /** An object that has no human form. */
  json(object: JsonObject): void {
    if (this.isJson) this.#out(this.#format(object));
  }

  /** Something to know, on stderr; left out with --quiet and --json. */
  note(text: string): void {
    if (!this.#options.quiet && !this.isJson) this.#tell(text);
  }

  /** What happens on the way, on stderr, with --verbose. */
  detail(text: string): void {
    if (this.#options.verbose) this.#tell(`parley: ${indented(text)}`);
  }

  /** An error, on stderr. */
  error({ code, message, hint, exit, clientId }: Failure): void {
    if (this.isJson) {
      const id = clientId === undefined ? {} : { client_id: clientId };
      const object = { v: 1, type: 'error', code, message, hint: hint ?? null, exit, ...id };
      this.#options.stderr.write(`${escaped(object)}\n`);
      return;
    }
    const lines = [`parley: ${indented(message)}`, ...(hint === undefined ? [] : [`  ${indented(hint)}`])];
    if (clientId !== undefined && code === 'unknown_outcome')
      lines.push(`  Its client id: ${clientId} (send it again with --id, and it is stored once)`);
    this.#tell(lines.join('\n'));
  }

  /** Resolves when all that was written has left the program. */
  async flush(): Promise<void> {
    const { stdout, stderr } = this.#options;
    await Promise.all(
      [stdout, stderr].map(
        async (sink) =>
          await new Promise<void>((resolve) => {
            sink.write('', () => resolve());
          }),
      ),
    );
  }

  #readable(text: string): string {
    return readable(text, this.#options.stdout);
  }

  #tell(text: string): void {
    this.#options.stderr.write(`${readable(text, this.#options.stderr)}\n`);
  }

  #out(line: string, done?: () => void): void {
    this.#options.stdout.write(`${line}\n`, (error) => {
      if (!error) done?.();
    });
  }

  #format(object: JsonObject): string {
    const whole: Record<string, unknown> = { v: 1, ...object };
    const { fields } = this.#options;
    if (fields.length === 0) return escaped(whole);
    return escaped(Object.fromEntries(fields.map((field) => [field, pick(whole, field)])));
  }
}

/** `from.name` is the field `name` of the field `from`; null where there is none. */
function pick(object: unknown, field: string): unknown {
  let value: unknown = object;
  for (const name of field.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Record<string, unknown>)[name];
  }
  return value ?? null;
}

/** An object as one line of JSON. JSON leaves DEL and C1 as they are, and a terminal would act on them. */
export function escaped(object: object): string {
  return JSON.stringify(object).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A server's words may have several lines: none of them stands where one of ours would. */
function indented(text: string): string {
  return text.replaceAll('\n', '\n    ');
}

function readable(text: string, { isAscii = false }: Sink): string {
  return sanitise(text, { multiline: true, ascii: isAscii });
}
