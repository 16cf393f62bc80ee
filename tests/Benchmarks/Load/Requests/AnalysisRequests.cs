using System.Globalization;

using Benchmarks.Load.RawHttp;

namespace Benchmarks.Load.Requests;

/// <summary>Questions to <c>/meta</c>.</summary>
internal static class AnalysisRequests
{
    public const string Independent = """{"dependence":"independent","estimator":"reml","test":"knappHartung"}""";

    /// <summary>What the peer fits: no robust variance, z.</summary>
    public const string ThreeLevel = """{"dependence":"threeLevel","estimator":"reml","test":"z","robust":"none"}""";

    public const string CorrelatedHierarchical = """{"dependence":"correlatedHierarchical","estimator":"reml","test":"z","robust":"none"}""";

    public const string Pool = "/meta/pool";
    public const string Sensitivity = "/meta/sensitivity";

    /// <summary>The same query over the stored evidence each time.</summary>
    public static RequestSource Repeated(string path) => RequestSource.Repeating(RawHttpRequest.Get(path), 200);

    /// <summary>A new query each time, with the same result.</summary>
    /// <param name="path">With a query string, or without.</param>
    public static RequestSource Distinct(string path)
    {
        var join = path.Contains('?') ? '&' : '?';
        return RequestSource.Numbered(i => RawHttpRequest.Get($"{path}{join}exclude=none-{i}"), 200);
    }

    /// <summary>A conditional request that gets 304.</summary>
    public static byte[] Conditional(string path, string eTag) => RawHttpRequest.Get(path, $"If-None-Match: {eTag}");

    /// <summary>Effects of a body under a model.</summary>
    public static byte[] WithInlineEffects(string path, GeneratedEffects effects, string model, params ReadOnlySpan<string> headers) =>
        RawHttpRequest.Post(path, RawHttpRequest.Json,
            $$"""{"effects":[{{string.Join(',', Enumerable.Range(0, effects.Estimates.Length).Select(i => Effect(effects, i)))}}],"model":{{model}}}""",
            headers);

    /// <summary>ETag of a response.</summary>
    public static string ReadETag(string head) => head.Split("\r\n")
        .Single(line => line.StartsWith("ETag: ", StringComparison.OrdinalIgnoreCase))["ETag: ".Length..];

    private static string Effect(GeneratedEffects e, int i) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"yi":{{e.Estimates[i]}},"vi":{{e.Variances[i]}},"sample":"s{{e.Samples[i]}}"}""");
}
