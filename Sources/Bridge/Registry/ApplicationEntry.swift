// SPDX-License-Identifier: Apache-2.0
internal import PayloadCodec
internal import Store
internal import Synchronization

/// An application as the pipelines see it: its formatter may change while frames flow.
final class ApplicationEntry: Sendable {
    let id: String
    private let current: Mutex<State>

    private struct State {
        var record: ApplicationRecord
        var formatter: Formatter
    }

    init(_ record: ApplicationRecord) {
        id = record.id
        current = Mutex(State(record: record, formatter: ApplicationEntry.formatter(record, record.payloadFormat)))
    }

    /// What the store holds of it.
    var record: ApplicationRecord { current.withLock { $0.record } }

    func update(_ record: ApplicationRecord) {
        let formatter = ApplicationEntry.formatter(record, record.payloadFormat)
        current.withLock { $0 = State(record: record, formatter: formatter) }
    }

    /// The application's own formatter.
    var formatter: Formatter { current.withLock { $0.formatter } }

    /// The formatter of a device: the application's, unless the device has a format of its own.
    func formatter(for device: DeviceRecord) -> Formatter {
        current.withLock { state in
            guard let format = device.payloadFormat, format != state.record.payloadFormat else {
                return state.formatter
            }
            return ApplicationEntry.formatter(state.record, format)
        }
    }

    private static func formatter(_ record: ApplicationRecord, _ format: ApplicationRecord.PayloadFormat) -> Formatter {
        switch format {
        case .none: .none
        case .cayennelpp: .cayenneLPP
        case .custom:
            .javascript(
                FormatterScripts(
                    decoder: record.decoder,
                    converter: record.converter,
                    validator: record.validator,
                    encoder: record.encoder,
                )
            )
        }
    }
}
