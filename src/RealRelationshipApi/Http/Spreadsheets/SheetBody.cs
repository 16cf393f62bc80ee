using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Spreadsheets;

/// <summary>A spreadsheet as the body of a request.</summary>
internal static class SheetBody
{
    /// <summary>The media types of spreadsheets.</summary>
    public static IReadOnlyList<string> Types { get; } = [MediaTypes.Csv, MediaTypes.Xlsx];

    /// <summary>The media type of the body without parameters; null without one.</summary>
    public static string? TypeOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.ToString().ToLowerInvariant() : null;

    public static bool IsSheet(string? mediaType) => mediaType is MediaTypes.Csv or MediaTypes.Xlsx;

    /// <summary>Reads the sheet.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its whole body.</param>
    /// <param name="sheetName">Name of the sheet of a workbook; null for the first one.</param>
    public static (Sheet? Sheet, Problem? Problem) Read(HttpRequest request, ReadOnlyMemory<byte> body, string? sheetName) =>
        TypeOf(request) == MediaTypes.Xlsx ? XlsxSheetReader.Read(body, sheetName)
        : sheetName is not null ? (null, Problem.Invalid([new("?sheet", ErrorCodes.NotAValue, "is for a workbook only: CSV has one sheet")]))
        : CsvSheetReader.Read(body, CsvCharsets.Of(request));

    /// <summary>The whole body.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAllAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
