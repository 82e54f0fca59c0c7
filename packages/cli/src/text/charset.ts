/**
 * Which variable of the environment says that terminals show no UTF-8, as `LANG=C`; undefined: none does. LC_ALL goes
 * before LC_CTYPE before LANG (POSIX, 8.2). Where all three are missing, UTF-8 is taken for granted: POSIX would have
 * it otherwise, but containers and log-ins over ssh drop them with terminals that show everything (C65).
 */
export function noUtf8(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = ['LC_ALL', 'LC_CTYPE', 'LANG'].find((one) => (env[one] ?? '') !== '');
  if (name === undefined || /utf-?8/i.test(env[name] ?? '')) return undefined;
  return `${name}=${env[name]}`;
}
