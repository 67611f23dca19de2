/// `openapi.json`, kept beside this file and compiled into the program; a test holds it against `RouteTable` both ways.
enum OpenAPIDocument {
    static var text: String { String(decoding: PackageResources.openapi_json, as: UTF8.self) }
}
