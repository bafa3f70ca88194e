// SPDX-License-Identifier: Apache-2.0
internal import PayloadCodec
internal import Store
internal import Synchronization

/// An application as the pipelines see it: its formatter may change while frames flow.
final class ApplicationEntry: Sendable {
    let id: String
    private let formatters: FormatterRepository?
    private let current: Mutex<State>

    private struct State {
        let record: ApplicationRecord
        /// The functions of the application, whatever its own format.
        let custom: Formatter

        init(_ record: ApplicationRecord) {
            self.record = record
            custom = .javascript(
                FormatterScripts(
                    decoder: record.decoder,
                    converter: record.converter,
                    validator: record.validator,
                    encoder: record.encoder,
                )
            )
        }

        func formatter(_ format: ApplicationRecord.PayloadFormat) -> Formatter {
            switch format {
            case .none: .none
            case .cayennelpp: .cayenneLPP
            case .custom: custom
            }
        }
    }

    /// - Parameter formatters: where the formatters that devices name are found.
    init(_ record: ApplicationRecord, formatters: FormatterRepository? = nil) {
        id = record.id
        self.formatters = formatters
        current = Mutex(State(record))
    }

    /// What the store holds of it.
    var record: ApplicationRecord { current.withLock { $0.record } }

    func update(_ record: ApplicationRecord) {
        let state = State(record)
        current.withLock { $0 = state }
    }

    /// The application's own formatter.
    var formatter: Formatter { current.withLock { $0.formatter($0.record.payloadFormat) } }

    /// The formatter of a device: the one it names, else its format, else the application's.
    func formatter(for device: DeviceRecord) -> Formatter {
        formatter(codec: device.codec, format: device.payloadFormat)
    }

    /// The formatter of a device that names these.
    func formatter(codec: String?, format: ApplicationRecord.PayloadFormat?) -> Formatter {
        if let codec { return formatters?.formatter(named: codec) ?? .unknown(name: codec) }
        return current.withLock { $0.formatter(format ?? $0.record.payloadFormat) }
    }
}
