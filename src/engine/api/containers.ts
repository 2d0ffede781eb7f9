import type { Duplex } from 'node:stream';
import type { Container, Image } from '../../model/engine/records';
import type { RequestOptions } from './requestOptions';

export interface ContainerCreateRequest {
  readonly name: string;
  readonly image: string;
  /** Name of the container inside; its own name when not given. */
  readonly hostname?: string;
  /** Network id, or "host". */
  readonly network: string;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  /** Bytes. */
  readonly memoryLimit?: number;
  readonly pidsLimit?: number;
  /** CPUs' worth of time, 0.01 at least. */
  readonly cpus?: number;
  readonly capAdd?: readonly string[];
  /** Folders of the host, read-only; the request is refused where one is not there. */
  readonly mounts?: readonly { readonly source: string; readonly target: string }[];
  /** An init that reaps and passes on signals, so that the container stops at once. */
  readonly init?: boolean;
  readonly autoRemove?: boolean;
}

/** From `GET /containers/{id}/json`. */
export interface ContainerDetails extends Container {
  readonly pid: number;
  readonly exitCode: number;
  /** Why it did not start. */
  readonly error?: string;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
}

export interface TerminalRequest {
  readonly command: readonly string[];
  readonly columns: number;
  readonly rows: number;
}

/** A command with a terminal in a container. */
export interface TerminalSession {
  /** What the terminal shows comes out, what is typed goes in. Destroying it hangs up; it ends with the command. */
  readonly stream: Duplex;
  /** What {@link ContainerApi.hangUp} finds it by, also over a later link. */
  readonly mark: string;
  resize(columns: number, rows: number, options?: RequestOptions): Promise<void>;
  /** To be asked once the stream has ended. */
  exitCode(options?: RequestOptions): Promise<number>;
}

export interface ContainerApi {
  /** All containers, stopped ones too; `label` keeps those that have it (`key` or `key=value`). */
  list(filter?: { label?: string }, options?: RequestOptions): Promise<Container[]>;
  inspect(id: string, options?: RequestOptions): Promise<ContainerDetails>;
  /** @returns its id. @throws imageMissing, conflict (name taken), networkNotFound, verifyNotAttachable. */
  create(request: ContainerCreateRequest, options?: RequestOptions): Promise<string>;
  start(id: string, options?: RequestOptions): Promise<void>;
  /** Removes it, running or not, with its anonymous volumes; one that is gone already is fine. */
  remove(id: string, options?: RequestOptions): Promise<void>;
  /** Runs a command in it to its end; resolves with the exit code. Aborting closes the stream, not the process. */
  exec(id: string, request: ExecRequest, options?: RequestOptions): Promise<number>;
  /**
   * Starts a command with a terminal; the signal and the deadline are for the start only.
   * @throws noRoomForTerminal when it would leave too few streams of the link for requests.
   */
  openTerminal(id: string, request: TerminalRequest, options?: RequestOptions): Promise<TerminalSession>;
  /**
   * Ends what runs in a terminal as closing a real one does (SIGHUP): Docker lets it run on when its stream is closed.
   * A container that is gone or stopped is fine.
   */
  hangUp(id: string, mark: string, options?: RequestOptions): Promise<void>;
}

export interface ImageApi {
  /** @returns undefined when it is not there. */
  find(reference: string, options?: RequestOptions): Promise<Image | undefined>;
  /** @param onProgress 0..1 over all layers known so far, and words. @throws imageNotPulled. */
  pull(
    reference: string,
    onProgress?: (share: number | undefined, words: string) => void,
    options?: RequestOptions,
  ): Promise<void>;
  /** The image as a tar stream (`docker save`). */
  save(reference: string, options?: RequestOptions): Promise<NodeJS.ReadableStream>;
  load(tar: NodeJS.ReadableStream, options?: RequestOptions): Promise<void>;
}
