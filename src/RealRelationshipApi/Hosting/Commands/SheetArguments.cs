using System.CommandLine;
using System.Text;

using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Spreadsheets;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary>How to read a spreadsheet, from the command line.</summary>
internal sealed record SheetChoice(SheetOptions Options, Encoding? Encoding, bool ValidateOnly, IReadOnlyList<FieldError> Errors);

/// <summary>Options of <c>import</c> for spreadsheets, named as in the query of <c>POST /studies/batch</c>.</summary>
internal sealed class SheetArguments
{
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Spreadsheet: value of a missing column, such as kind=primary; repeatable.", DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _as = new("--as")
    {
        Description = "Spreadsheet: what a column is, as HEADER:MEMBER; repeatable.", DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _ignore = new("--ignore")
    {
        Description = "Spreadsheet: header of a column to leave out; repeatable.", DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _sheet = new("--sheet") { Description = "XLSX: name of the sheet; default: the first one." };

    private readonly Option<string?> _charset = new("--charset")
    {
        Description = $"CSV: encoding, if it is not UTF-8: {string.Join(", ", CsvCharsets.Names)}.",
    };

    private readonly Option<bool> _validateOnly = new("--validate-only") { Description = "Spreadsheet: shows how the columns are read, and stores nothing." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _set, _as, _ignore, _sheet, _charset, _validateOnly })
        {
            command.Options.Add(option);
        }
    }

    public SheetChoice Read(ParseResult parsed)
    {
        var errors = new List<FieldError>();
        var defaults = new List<(string, string)>();
        foreach (var text in parsed.GetValue(_set)!)
        {
            if (text.Split('=', 2) is [var name, var value])
            {
                defaults.Add((name, value));
            }
            else
            {
                AddInvalid("set", $"must be MEMBER=VALUE, not '{text}'");
            }
        }

        var encoding = parsed.GetValue(_charset) is { } charset ? CsvCharsets.Find(charset) : null;
        if (encoding is null && parsed.GetValue(_charset) is not null)
        {
            AddInvalid("charset", $"must be one of {string.Join(", ", CsvCharsets.Names)}");
        }

        var options = SheetOptions.Create(parsed.GetValue(_as)!, parsed.GetValue(_ignore)!, parsed.GetValue(_sheet), defaults, AddInvalid);
        return new(options, encoding, parsed.GetValue(_validateOnly), errors);

        void AddInvalid(string name, string rule) => errors.Add(new($"--{name}", ErrorCodes.NotAValue, rule));
    }
}
