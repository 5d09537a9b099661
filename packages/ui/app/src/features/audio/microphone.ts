import workletUrl from "./capture.worklet.ts?worker&url";

export type MicrophoneFault = "denied" | "missing" | "busy" | "insecure" | "failed";

/** Why there is no sound from a microphone. */
export class MicrophoneError extends Error {
  constructor(readonly fault: MicrophoneFault) {
    super(`The microphone is ${fault}.`);
  }
}

/** Pieces a second. */
const PACE = 20;

/** An open microphone: hands over 16-bit samples at `rate`, in order, until it is closed. */
export class Microphone {
  readonly analyser: AnalyserNode;
  readonly #stream: MediaStream;
  readonly #context: AudioContext;
  readonly #capture: AudioWorkletNode;

  private constructor(stream: MediaStream, context: AudioContext, rate: number, onPiece: (piece: Int16Array) => void) {
    this.#stream = stream;
    this.#context = context;
    this.#capture = new AudioWorkletNode(context, "capture", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { rate, piece: Math.round(rate / PACE) },
    });
    this.#capture.port.onmessage = ({ data }: MessageEvent<Int16Array | null>) => {
      if (data !== null) onPiece(data);
    };
    this.analyser = new AnalyserNode(context, { fftSize: 256, smoothingTimeConstant: 0.6 });
    context.createMediaStreamSource(stream).connect(this.analyser).connect(this.#capture);
  }

  /** Asks for the microphone. Rejects with a `MicrophoneError`. `onLost`: it was unplugged or taken away. */
  static async open(rate: number, onPiece: (piece: Int16Array) => void, onLost: () => void): Promise<Microphone> {
    const devices: MediaDevices | undefined = navigator.mediaDevices;
    if (devices === undefined) throw new MicrophoneError("insecure");
    let stream: MediaStream;
    try {
      const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
      stream = await devices.getUserMedia({ audio });
    } catch (error) {
      throw new MicrophoneError(faults[error instanceof DOMException ? error.name : ""] ?? "failed");
    }
    // At the device's own rate: Firefox cannot connect a microphone to another.
    const context = new AudioContext({ latencyHint: "interactive" });
    try {
      await context.audioWorklet.addModule(workletUrl);
      for (const track of stream.getAudioTracks()) track.onended = onLost;
      return new Microphone(stream, context, rate, onPiece);
    } catch {
      release(stream);
      void context.close();
      throw new MicrophoneError("failed");
    }
  }

  /** Resolves after the last piece was handed over. */
  async close(): Promise<void> {
    for (const track of this.#stream.getAudioTracks()) track.onended = null;
    const { port } = this.#capture;
    const handOver = port.onmessage;
    await new Promise<void>((resolve) => {
      port.onmessage = (message: MessageEvent<Int16Array | null>) => {
        handOver?.call(port, message);
        if (message.data === null) resolve();
      };
      port.postMessage("finish");
      setTimeout(resolve, 500);
    });
    release(this.#stream);
    await this.#context.close();
  }
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

const faults: Readonly<Record<string, MicrophoneFault>> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};
