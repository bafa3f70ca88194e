// SPDX-License-Identifier: Apache-2.0
internal import Observability

/// `ran-mqtt-bridge codec …`: formatters on the command line, run as the service runs them.
public enum CodecCommand {
    static let usage = """
        usage: ran-mqtt-bridge codec COMMAND

          run --file SCRIPT [--function NAME] [--port N] [--hex|--base64] PAYLOAD
              Runs one function and prints its result as JSON; warnings and console output go to standard error. PAYLOAD is
              hex by default; for a function that encodes it is the JSON of the fields.
              example: ran-mqtt-bridge codec run --file decoder.js --port 2 0167010F
          batch
              Reads lines {"id","script","function","input"} and writes a line {"id","output"} or {"id","error"} for each.
              example: ran-mqtt-bridge codec batch < cases.jsonl > results.jsonl
          test DIRECTORY
              Runs the examples that catalogues keep beside codecs: test_decode_X.json and test_encode_X.json beside X.js,
              examples.json beside index.js.
              example: ran-mqtt-bridge codec test vendors/
          check SCRIPT
              Says the dialect and the functions of a script, or where it does not parse.
              example: ran-mqtt-bridge codec check decoder.js
          bench [--calls N] [STAGE…]
              Measures formatters on this machine; prints one JSON line a figure. Stages, all by default:
              \(CodecBenchmark.Stage.allCases.map(\.rawValue).joined(separator: ", ")).
              example: ran-mqtt-bridge codec bench --calls 100000 decoder single

        Exit codes: 0 all is well, 1 a script or an example fails, 2 the command line or a file is wrong.

        """

    /// Runs a command.
    ///
    /// - Parameter arguments: those after `codec`.
    /// - Returns: the exit code: 0 well, 1 a script or an example fails, 2 the command line is wrong or a file is missing.
    public static func main(arguments: [String]) async -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "run": return await withCodec { await CodecRun.main(rest, $0) }
        case "batch" where rest.isEmpty: return await withCodec { await CodecBatch.main($0) }
        case "test" where rest.count == 1: return await withCodec { await CodecCatalogueTest.main(rest[0], $0) }
        case "check" where rest.count == 1: return await withCodec { await CodecCheck.main(rest[0], $0) }
        case "bench": return await CodecBench.main(rest)
        case "help", "--help", "-h":
            CommandOutput.print(usage, terminator: "")
            return 0
        default:
            CommandOutput.complain(usage, terminator: "")
            return 2
        }
    }

    private static func withCodec(_ body: (PayloadCodec) async -> Int32) async -> Int32 {
        let codec = PayloadCodec(
            configuration: CodecConfiguration(),
            logger: Logger(component: "codec", sink: LogSink(level: .error)),
            metrics: MetricRegistry(),
        )
        do {
            try codec.start()
        } catch {
            CommandOutput.complain("error: \(error)")
            await codec.stop()
            return 2
        }
        let code = await body(codec)
        await codec.stop()
        return code
    }
}
