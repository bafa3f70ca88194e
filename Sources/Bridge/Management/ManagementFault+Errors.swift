// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Management
internal import RANClient
internal import Store

extension ManagementFault {
    /// What the store's refusal means to who asked.
    init(_ error: StoreError) {
        switch error.kind {
        case .devEUITaken(let devEUI, let owner):
            // Whose it is, is not for other applications to know.
            self.init(
                .alreadyExists,
                "dev_eui \(devEUI.upperHex) belongs to another device"
                    + (owner.deviceID.isEmpty ? "" : "; a DevEUI is registered once over all applications"),
                field: "dev_eui",
            )
        case .unknownApplication(let id):
            self.init(.notFound, "there is no application \(id)")
        case .addressTaken(let address):
            self.init(.alreadyExists, "addr \(address) belongs to another multicast group", field: "addr")
        case .diskFull: self.init(.resourceExhausted, "the service's disk is full")
        case .tooLong: self.init(.invalidArgument, "a text is longer than the database takes")
        default:
            self.init(error.isTransient ? .unavailable : .internal, "the service's database fails: \(error.reason)")
        }
    }

    /// What the RAN's refusal means to who asked.
    init(_ error: RANError) {
        self.init(error.isTransient ? .unavailable : .failedPrecondition, error.description)
    }
}
