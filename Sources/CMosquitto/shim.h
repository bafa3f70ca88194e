// SPDX-License-Identifier: Apache-2.0
#pragma once
// libmosquitto's client API as it is: nothing in it is variadic, so nothing needs a wrapper.
#include <mosquitto.h>
#include <mqtt_protocol.h>
// Swift's Glibc module leaves eventfd out; the client's thread waits on one beside the socket.
#include <sys/eventfd.h>
