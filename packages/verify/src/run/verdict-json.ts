import type { Impact } from './impact.ts';
import type { Shown, Verdict } from './verdict.ts';

/** The verdict for programs: as docs/cli-lines.schema.json describes it, but for `v` and `type`. */
export function verdictJson(verdict: Verdict): Readonly<Record<string, unknown>> {
  const rules = verdict.rules.map((rule) => ({ ...rule, first: rule.first.map(violationJson) }));
  return { ...verdict, rules, faults: verdict.faults.map(faultJson) };
}

function violationJson({ what, conversation, user, session, seqs, clientId, lines, evidence }: Shown): object {
  return { what, conversation, user, session, seqs, client_id: clientId, lines, evidence };
}

function faultJson({ beginMs, endMs, recoveriesMs, silenceMs, ...rest }: Impact): object {
  return { ...rest, begin_ms: beginMs, end_ms: endMs, recoveries_ms: recoveriesMs, silence_ms: silenceMs };
}
