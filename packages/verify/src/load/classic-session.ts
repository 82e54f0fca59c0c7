import { LoadLink } from './load-link.ts';

/** A raw classic session that logs in and then only passes frames on. */
export class ClassicSession {
  readonly link: LoadLink;

  private constructor(link: LoadLink) {
    this.link = link;
  }

  /** Connects and logs in; rejects when refused or closed first. Frames that follow go to `link.onFrame`. */
  static async logIn(port: number, id: number, password: string): Promise<ClassicSession> {
    const link = await LoadLink.connect({ port, terminator: 'nul' });
    await new Promise<void>((resolve, reject) => {
      link.onClosed = (error) => reject(error ?? new Error(`the server closed the connection of user ${id}`));
      link.onFrame = (frame) => {
        const ack = JSON.parse(frame) as { msgid?: number; errno?: number; errmsg?: string };
        if (ack.msgid !== 2) return;
        if (ack.errno === 0) resolve();
        else reject(new Error(`log-in of user ${id} refused: ${ack.errmsg}`));
      };
      link.write(JSON.stringify({ msgid: 1, id, password }));
    });
    link.onFrame = () => {};
    return new ClassicSession(link);
  }
}
