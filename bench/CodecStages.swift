// SPDX-License-Identifier: Apache-2.0
import Concurrency
import PayloadCodec

/// What formatters cost: Cayenne LPP, scripts in their workers, a hostile neighbour, memory. The workers are this program.
enum CodecStages {
    static func measure() throws -> [Measurement] {
        // The benchmark has no tasks of its own: the main thread waits for the one that measures.
        let ended = BoundedQueue<Result<[Measurement], CodecError>>(capacity: 1)
        Task {
            do throws(CodecError) {
                var measurements: [Measurement] = []
                try await CodecBenchmark(calls: 1_000_000).run { figure in
                    let name = "codec: " + figure.name.split(separator: "_").joined(separator: " ")
                    measurements.append(Measurement(name, figure.value, figure.unit))
                }
                ended.push(.success(measurements))
            } catch {
                ended.push(.failure(error))
            }
        }
        var results: [Result<[Measurement], CodecError>] = []
        while results.isEmpty { _ = ended.drain(into: &results) }
        return try results[0].get()
    }
}
