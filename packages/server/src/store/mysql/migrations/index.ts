import type { MysqlMigration } from '../migrate.ts';
import { initial } from './0001-initial.ts';

/** The schema's history, oldest first. */
export const MIGRATIONS: readonly MysqlMigration[] = [initial];
