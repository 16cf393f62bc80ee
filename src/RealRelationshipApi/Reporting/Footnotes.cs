using RealRelationshipApi.Analyses.Models;

namespace RealRelationshipApi.Reporting;

/// <summary>Marks of numbers that deserve less trust than they look, and what each mark means: <c>ᵃ</c>, <c>ᵇ</c> and so on.</summary>
internal sealed class Footnotes
{
    private const string Letters = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖ";

    private readonly List<string> _codes = [];

    /// <summary>The marks of a number with these warnings; empty where there are none.</summary>
    public string Mark(IReadOnlyList<string> warningCodes) => string.Concat(warningCodes.Where(FitWarnings.HasWords).Select(Letter).Order());

    /// <summary>One line a mark that was given.</summary>
    public IEnumerable<string> Texts => _codes.Select((code, i) => $"{Letters[i]} {FitWarnings.Of(code).Detail}");

    /// <summary>Whether a mark has the words of a warning already.</summary>
    public bool Explains(string detail) => _codes.Exists(code => detail.EndsWith(FitWarnings.Of(code).Detail, StringComparison.Ordinal));

    private char Letter(string code)
    {
        if (!_codes.Contains(code))
        {
            _codes.Add(code);
        }

        return Letters[_codes.IndexOf(code)];
    }
}
