/** Reads the parts of SSH's wire format one after another; undefined once there are not enough bytes. */
export class SshReader {
  private offset = 0;

  constructor(private readonly data: Buffer) {}

  uint32(): number | undefined {
    return this.take(4)?.readUInt32BE(0);
  }

  /** A string with its length before it. */
  string(): Buffer | undefined {
    const length = this.uint32();
    return length === undefined ? undefined : this.take(length);
  }

  /** Everything that is left. */
  rest(): Buffer {
    return this.data.subarray(this.offset);
  }

  take(bytes: number): Buffer | undefined {
    if (this.offset + bytes > this.data.length) return undefined;
    this.offset += bytes;
    return this.data.subarray(this.offset - bytes, this.offset);
  }
}

/** A string of SSH's wire format. */
export function sshString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
