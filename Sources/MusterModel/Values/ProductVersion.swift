/// The version of the programs that are built together.
package enum ProductVersion {
    package static let current = "0.1.0"
}
