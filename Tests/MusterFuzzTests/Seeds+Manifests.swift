extension Seeds {
    /// Each type of setting, and lines of the protocol.
    static func manifests() -> [String: [UInt8]] {
        let settings = [
            #"{"key":"on","type":"switch","title":"On","default":true}"#,
            #"{"key":"port","type":"number","minimum":-1,"maximum":9,"title":"Port","default":3}"#,
            #"{"key":"wait","type":"duration","minimum":0,"maximum":60,"title":"Wait","help":"So long."}"#,
            #"{"key":"mode","type":"choice","choices":["a","b"],"title":"Mode","default":"a"}"#,
            #"{"key":"parts","type":"choices","choices":["a","b"],"title":"Parts","default":["b"]}"#,
            #"{"key":"root","type":"text","format":"path","title":"Root","default":"/srv"}"#,
            #"{"key":"units","type":"list","format":"unit","maximum":4,"title":"Units","default":["a.service"]}"#,
            #"{"key":"password","type":"secret","title":"Password"}"#,
        ]
        let tasks = [
            #"{"type":"move","title":"Move","help":"Elsewhere.","limited":false,"settings":["#
                + #"{"key":"where","type":"text","format":"path","title":"Where","required":true}]}"#,
            #"{"type":"look","title":"Look"}"#,
        ]
        let head = #"{"id":"web","version":"1.0~a","title":"Web","settings":["#
        return [
            "manifest": head + settings.joined(separator: ",") + "]}", "manifest-empty": head + "]}",
            "manifest-tasks": head + "],\"tasks\":[" + tasks.joined(separator: ",") + "]}",
            "answer": #"{"id":7,"answer":{"state":"running","facts":{"a":"\u00e9\ud83d\ude00"},"statistics":{"n":-5}}}"#,
            "error": #"{ "id" : 7 , "error" : {"code":"no","text":"why\n"} }"#, "notice": #"{"notice":"changed"}"#,
            "values": #"[null,true,false,0,-9223372036854775808,"",[],{}]"#, "deep": "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
            "too-deep": "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "half": #"{"a":"\ud83d"#,
        ].mapValues { Array($0.utf8) }
    }
}
