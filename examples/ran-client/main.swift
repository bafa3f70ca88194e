// SPDX-License-Identifier: Apache-2.0
// Subscribes to one ABP device, shows its frames and acks them, with the RANClient and LoRaWAN libraries alone. It is built
// with the repository; in a package of your own depend on the products RANClient and LoRaWAN. Against ran-simulator:
//   RAN_API_URL=http://127.0.0.1:8070/api/v1.0 RAN_API_TOKEN=demo-token ran-client-example DEVEUI DEVADDR NWKSKEY
import Glibc
import LoRaWAN
import RANClient

let words = CommandLine.arguments
guard words.count == 4, let devEUI = EUI64(hex: words[1]), let devAddr = DevAddr(hex: words[2]),
    let key = AES128Key(hex: words[3]), let url = getenv("RAN_API_URL"), let token = getenv("RAN_API_TOKEN")
else {
    print("usage: RAN_API_URL=… RAN_API_TOKEN=… ran-client-example DEVEUI DEVADDR NWKSKEY")
    exit(2)
}

try await withRANClient(url: String(cString: url), token: String(cString: token)) { ran in
    if try await ran.routingTable.select(devEUIs: [devEUI]).isEmpty {
        try await ran.routingTable.insert(devEUI: devEUI, devAddr: devAddr)
    }
    try await ran.withUpstream { upstream in
        try await upstream.waitUntilConnected()
        for await delivery in upstream {
            let octets = delivery.message.payload
            guard case .data(let frame)? = try? UplinkFrame(parsingWithoutMIC: octets),
                case let counter = UInt32(frame.counter),
                case let mic = MIC.dataUplink10(key: key, devAddr: devAddr, counter: counter, octets: octets),
                delivery.message.micChallenge.contains(mic.rawValue)
            else {
                delivery.reject(.micFailed)
                continue
            }
            delivery.ack(devEUI: devEUI, mic: mic.rawValue)
            print("frame \(counter) of \(devAddr) at \(delivery.message.radio.rssi) dBm")
        }
    }
}
