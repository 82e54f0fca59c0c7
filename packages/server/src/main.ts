import { ConfigError, readCommand } from './config.ts';
import { StartError } from './start-error.ts';
import { version } from './version.ts';

// exit, not exitCode: whatever may still be open after a stop must not hold the process.
process.exit(await main());

async function main(): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
    process.stderr.write(`parleyd: ${error.message}\n`);
    return error.exitCode;
  }
}

async function run(): Promise<number> {
  const from = { argv: process.argv.slice(2), env: process.env, isTerminal: process.stderr.isTTY };
  const command = readCommand(from);
  switch (command.name) {
    case 'print':
      process.stdout.write(command.text);
      return 0;
    case 'version':
      process.stdout.write(`parleyd ${version()}\n`);
      return 0;
    case 'serve': {
      // The rest of the server loads only when it is needed.
      const { serve } = await import('./lifecycle.ts');
      return serve(command.config);
    }
  }
}
