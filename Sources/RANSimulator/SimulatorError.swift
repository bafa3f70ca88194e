// SPDX-License-Identifier: Apache-2.0

/// Why the simulator cannot run or do what was asked.
public enum SimulatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address and port cannot be listened on.
    case cannotListen(address: String, port: UInt16)
    /// TLS cannot be served with these files.
    case cannotServeTLS(certificate: String, key: String)
    /// The scenario file is wrong; `line` counts from 1.
    case badScenario(file: String, line: Int, message: String)
    /// A request to the simulator itself, in code or over the control API, makes no sense.
    case badRequest(String)
    /// The simulator is not running.
    case notRunning

    public var description: String {
        switch self {
        case .cannotListen(let address, let port):
            "cannot listen on \(address) port \(port): is it in use, or not an address of this machine?"
        case .cannotServeTLS(let certificate, let key):
            "cannot serve TLS with certificate \(certificate) and key \(key): both must be readable PEM files that fit each other"
        case .badScenario(let file, let line, let message): "\(file):\(line): \(message)"
        case .badRequest(let message): message
        case .notRunning: "the simulator is not running"
        }
    }
}
