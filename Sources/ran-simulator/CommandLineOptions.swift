// SPDX-License-Identifier: Apache-2.0

/// What the command line asks for.
struct CommandLineOptions {
    var port: UInt16?
    var address: String?
    var token: String?
    var scenario: String?
    var prints = false
    var tlsCertificate: String?
    var tlsKey: String?
    /// Ends by itself after that many seconds.
    var seconds: Int?
    var wantsHelp = false

    static let help = """
        usage: ran-simulator [--port N] [--address A] [--token T] [--scenario FILE] [--print] [--seconds N]
                             [--tls-certificate FILE --tls-key FILE]

        A RAN Routing API with virtual devices, for tests, demos and users without an account.

          --port N         listen there (default: the scenario's, else a free one)
          --address A      listen on this IPv4 address (default 127.0.0.1)
          --token T        the access token clients must show (default: the scenario's)
          --scenario FILE  devices and settings in YAML; see examples/demo-scenario.yaml
          --tls-certificate FILE, --tls-key FILE
                           serve https and wss with this certificate and its key, both PEM
          --print          print a line for everything that happens
          --seconds N      stop by itself after N seconds

        Example: ran-simulator --port 8070 --token secret --scenario examples/demo-scenario.yaml --print

        The control API is on the same port: GET /control/report, POST /control/uplink, /control/join, /control/rejoin,
        /control/devices, /control/faults.
        Exit codes: 0 stopped by SIGTERM, SIGINT or --seconds; 1 cannot run; 2 wrong command line or scenario.
        """

    struct Mistake: Error {
        var sentence: String
    }

    init(_ arguments: some Sequence<String>) throws(Mistake) {
        var rest = Array(arguments)[...]
        func value(of option: String) throws(Mistake) -> String {
            guard let value = rest.popFirst() else { throw Mistake(sentence: "\(option) needs a value") }
            return value
        }
        while let option = rest.popFirst() {
            switch option {
            case "--port":
                guard let number = UInt16(try value(of: option)) else {
                    throw Mistake(sentence: "--port needs a number from 0 to 65535")
                }
                port = number
            case "--address": address = try value(of: option)
            case "--token": token = try value(of: option)
            case "--scenario": scenario = try value(of: option)
            case "--tls-certificate": tlsCertificate = try value(of: option)
            case "--tls-key": tlsKey = try value(of: option)
            case "--print": prints = true
            case "--seconds":
                guard let number = Int(try value(of: option)), number > 0 else {
                    throw Mistake(sentence: "--seconds needs a number above 0")
                }
                seconds = number
            case "--help", "-h": wantsHelp = true
            default: throw Mistake(sentence: "\(option) is no option; --help lists them")
            }
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw Mistake(sentence: "--tls-certificate and --tls-key belong together")
        }
    }
}
