extension Muster_V1_Frame {
    package init(_ body: Muster_V1_Frame.OneOf_Body) {
        self.init()
        self.body = body
    }
}
