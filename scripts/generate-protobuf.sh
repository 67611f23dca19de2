#!/usr/bin/env bash
# Makes Sources/MusterWire/Generated from Sources/MusterWire/Proto. Needs protoc (Debian: protobuf-compiler);
# the Swift plugin is built from the swift-protobuf this package resolves to. The result is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --product protoc-gen-swift
protoc --plugin="$(swift build --show-bin-path)/protoc-gen-swift" \
    --proto_path=Sources/MusterWire/Proto \
    --swift_opt=Visibility=package --swift_opt=UseAccessLevelOnImports=true \
    --swift_out=Sources/MusterWire/Generated \
    Sources/MusterWire/Proto/*.proto
