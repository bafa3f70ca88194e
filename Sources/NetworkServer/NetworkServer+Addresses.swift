// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

extension NetworkServer {
    /// The DevAddr of the session that a device's uplinks come in; nil for a device without one.
    public func address(of devEUI: EUI64) -> DevAddr? {
        devices.slot(of: devEUI).flatMap { devices[$0].session?.devAddr }
    }
}
