using System.Buffers;
using System.Text.Json;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Studies;

/// <summary>One study of a batch as JSON, whatever the format of the batch.</summary>
internal sealed record BatchItem(JsonElement Json, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Adds line and column to errors, for CSV; null for other formats.</summary>
    public Func<FieldError, FieldError>? MapError { get; init; }

    /// <summary>The key of the study, if it can be read.</summary>
    public string? Id
    {
        get
        {
            try
            {
                return Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.String
                    ? key.GetString() : null;
            }
            catch (InvalidOperationException)
            {
                // Invalid Unicode, which deserialization of the study reports.
                return null;
            }
        }
    }

    public IReadOnlyList<FieldError> InCallerTerms(IReadOnlyList<FieldError> errors) => MapError is null ? errors : [.. errors.Select(MapError)];
}

/// <summary>Splits a batch into its items.</summary>
internal static class StudyBatchReader
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 34 };

    /// <summary>Maximum number of studies, lines or rows of a batch.</summary>
    public const int MaxItems = 200_000;

    public static Problem TooManyItems() => new(ProblemKind.ContentTooLarge, $"A batch may have {MaxItems} studies, lines or rows at the most.");

    /// <summary>Items of a JSON array, or of the member <c>studies</c> of an object if <paramref name="mayBeWrapped"/>.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static (IReadOnlyList<BatchItem> Items, Problem? Problem) ReadJson(ReadOnlyMemory<byte> body, bool mayBeWrapped = false)
    {
        using var document = JsonDocument.Parse(body, s_options);
        var root = document.RootElement;
        if (mayBeWrapped && root.ValueKind == JsonValueKind.Object && root.TryGetProperty("studies", out var studies))
        {
            root = studies;
        }

        if (root.ValueKind != JsonValueKind.Array)
        {
            return ([], Problem.Malformed(new FieldError("#", ErrorCodes.NotAValue, "must be an array of studies")));
        }

        if (root.GetArrayLength() > MaxItems)
        {
            return ([], TooManyItems());
        }

        return ([.. root.EnumerateArray().Select(e => new BatchItem(e.Clone(), []))], null);
    }

    /// <summary>Items of NDJSON, parsed during enumeration; a line that is not JSON is an item with errors.</summary>
    public static IEnumerable<BatchItem> ReadNdjson(ReadOnlyMemory<byte> body) =>
        NdjsonReader.ReadLines(body).Select(line => line.Parse(ParseElement)).Select(parsed => new BatchItem(parsed.Value, parsed.Errors));

    private static JsonElement ParseElement(ReadOnlySequence<byte> text)
    {
        using var document = JsonDocument.Parse(text, s_options);
        return document.RootElement.Clone();
    }
}
