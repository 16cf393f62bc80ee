using System.Text;

using Microsoft.Net.Http.Headers;

namespace RealRelationshipApi.Http.Csv;

/// <summary>Encodings of CSV besides UTF-8, which senders name as the charset of the media type.</summary>
internal static class CsvCharsets
{
    /// <summary>Detail of the error of a cell that is not UTF-8.</summary>
    public const string EncodingRule =
        "is not UTF-8: save the file as UTF-8, or name its encoding, as in Content-Type: text/csv; charset=windows-1252";

    public static IReadOnlyList<string> Names { get; } = ["utf-8", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1252"];

    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = "utf-8", ["utf16"] = "utf-16", ["latin1"] = "iso-8859-1", ["latin-1"] = "iso-8859-1", ["iso8859-1"] = "iso-8859-1",
        ["iso_8859-1"] = "iso-8859-1", ["latin9"] = "iso-8859-15", ["latin-9"] = "iso-8859-15", ["cp1252"] = "windows-1252", ["cp-1252"] = "windows-1252",
    };

    /// <summary>The encoding of that name, without regard to case, or of a common other name; null if it is not one of
    /// <see cref="Names"/>.</summary>
    public static Encoding? Find(string name) => s_aliases.GetValueOrDefault(name, name) is var known && Names.Contains(known, StringComparer.OrdinalIgnoreCase)
        ? CodePagesEncodingProvider.Instance.GetEncoding(known) ?? Encoding.GetEncoding(known) : null;

    /// <summary>Lets an operation accept CSV in these encodings.</summary>
    public static RouteHandlerBuilder WithCsvCharsets(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new Accepted());

    /// <summary>Whether the body is CSV in one of these encodings.</summary>
    public static bool IsNamed(HttpRequest request) => MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(MediaTypes.Csv, StringComparison.OrdinalIgnoreCase) && Find(type.Charset.Value?.Trim('"') ?? "") is not null;

    /// <summary>The encoding that a request names; null for UTF-8, or UTF-16 with a byte order mark.</summary>
    public static Encoding? Of(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset.Value?.Trim('"') is { Length: > 0 } name
            && Find(name) is { } encoding && encoding is not UTF8Encoding ? encoding : null;

    /// <summary>Endpoint metadata: the operation accepts CSV in these encodings.</summary>
    internal sealed record Accepted;
}
