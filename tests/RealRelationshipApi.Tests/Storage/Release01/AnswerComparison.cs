using System.IO.Enumeration;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Storage.Release01;

/// <summary>A change since release 0.1 that altered responses: requests and members, both with <c>*</c> for any text.</summary>
internal sealed record KnownChange(string Question, string Pointer, string Change)
{
    /// <summary>Whether a difference is in that member.</summary>
    public bool Explains(string question, string pointer) =>
        Matches(Question, question) && (Matches(Pointer, pointer) || Matches(Pointer + "/*", pointer));

    private static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}

/// <summary>A member that differs from the response of release 0.1.</summary>
internal sealed record Difference(string Pointer, string Expected, string Actual)
{
    public override string ToString() => $"{Pointer}: {Expected} in 0.1, now {Actual}";
}

/// <summary>Compares responses with those of release 0.1. Added members, other wording and another software version are allowed.</summary>
internal static class AnswerComparison
{
    private const double RelativeTolerance = 1e-12;

    // Rounding error of numbers that are differences of others.
    private const double AbsoluteTolerance = 1e-15;

    public static IReadOnlyList<Difference> Compare(JsonNode? expected, JsonNode? actual)
    {
        var differences = new List<Difference>();
        Compare(expected, actual, "", differences);
        return differences;
    }

    /// <summary>Rows of CSV as objects, so that cells have pointers such as <c>/3/citation.year</c>.</summary>
    public static JsonArray Rows(string csv)
    {
        var records = Records(csv);
        return [.. records.Skip(1).Select(record => new JsonObject(records[0].Zip(record, (name, cell) => KeyValuePair.Create(name, Cell(cell)))))];
    }

    private static void Compare(JsonNode? expected, JsonNode? actual, string pointer, List<Difference> differences)
    {
        switch (expected, actual)
        {
            case (JsonObject members, JsonObject others):
                foreach (var (name, value) in members.Where(m => m.Key != "detail" && $"{pointer}/{m.Key}" != "/data/version"))
                {
                    var member = $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
                    if (others.TryGetPropertyValue(name, out var other))
                    {
                        Compare(value, other, member, differences);
                    }
                    else
                    {
                        differences.Add(new(member, Text(value), "missing"));
                    }
                }

                break;
            case (JsonArray items, JsonArray others):
                if (items.Count != others.Count)
                {
                    differences.Add(new(pointer, $"{items.Count} items", $"{others.Count} items"));
                }

                for (var i = 0; i < Math.Min(items.Count, others.Count); i++)
                {
                    Compare(items[i], others[i], $"{pointer}/{i}", differences);
                }

                break;
            default:
                if (!AreEqual(expected, actual))
                {
                    differences.Add(new(pointer, Text(expected), Text(actual)));
                }

                break;
        }
    }

    private static bool AreEqual(JsonNode? expected, JsonNode? actual)
    {
        if (expected?.GetValueKind() == JsonValueKind.Number && actual?.GetValueKind() == JsonValueKind.Number)
        {
            var (one, other) = (expected.GetValue<double>(), actual.GetValue<double>());
            return Math.Abs(one - other) <= AbsoluteTolerance + (RelativeTolerance * Math.Max(Math.Abs(one), Math.Abs(other)));
        }

        return JsonNode.DeepEquals(expected, actual);
    }

    private static JsonNode? Cell(string text) =>
        double.TryParse(text, out var number) && double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(text);

    private static string Text(JsonNode? node) => node?.ToJsonString() is not { } text ? "null" : text.Length > 80 ? text[..80] + "…" : text;

    private static List<List<string>> Records(string csv)
    {
        var (records, record, cell) = (new List<List<string>>(), new List<string>(), new StringBuilder());
        var (quoted, closed) = (false, false);
        foreach (var letter in csv.ReplaceLineEndings("\n"))
        {
            switch (letter)
            {
                case '"':
                    // A quote right behind a closing one is part of the cell.
                    cell.Append(closed ? "\"" : "");
                    (quoted, closed) = (!quoted, quoted);
                    continue;
                case ',' or '\n' when !quoted:
                    record.Add(cell.ToString());
                    cell.Clear();
                    if (letter == '\n')
                    {
                        records.Add(record);
                        record = [];
                    }

                    break;
                default:
                    cell.Append(letter);
                    break;
            }

            closed = false;
        }

        return records;
    }
}
