// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Store
internal import TTNMessages

/// A message on its way from the outbox to the broker.
struct OutboxItem: Sendable {
    /// Its row.
    var id: Int64
    /// Whose message it is: messages of one device keep their order.
    var devEUI: EUI64
    var message: ApplicationMessage
    /// Whether the message learned something after its row was written, such as further receptions.
    var differsFromRow = false

    /// The mutation that writes the row.
    var insertion: StoreMutation {
        .putOutbox(OutboxEntry(id: id, devEUI: devEUI, kind: 0, payload: OutboxRecord(message).encoded()))
    }

    /// The mutation that rewrites the row.
    var amendment: StoreMutation { .updateOutbox(id: id, payload: OutboxRecord(message).encoded()) }
}
