using System.Text.RegularExpressions;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir.Parsing.Forms;

/// <summary>The address of a form that is not known, but whose items name instruments: it must name no other form than they do.</summary>
internal static partial class FormAddress
{
    /// <summary>The error of an address such as <c>/phq-9/adolescent</c>, <c>/ors/child/v1</c> or <c>/phq-9-adolescent</c>, which names a form that shares
    /// its items' names with another one; null for an address that names no instrument, or only those of the items.</summary>
    /// <param name="reading">The resource.</param>
    /// <param name="canonical">The address.</param>
    /// <param name="forms">Codes of the instruments that the items name.</param>
    /// <param name="error">Why the address names no instrument.</param>
    /// <param name="place">Its FHIRPath.</param>
    public static FieldError? FindOtherForm(this ResourceReading reading, string? canonical, IReadOnlyList<string> forms, FieldError? error, string place)
    {
        if (canonical is null)
        {
            return null;
        }

        if (error is { Code: InstrumentErrorCodes.WrongCode })
        {
            return error;
        }

        var path = Uri.TryCreate(canonical, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? canonical[uri.GetLeftPart(UriPartial.Authority).Length..] : canonical;
        return path.Split('/', '|', '?', '#', '=', '&').Select(segment => InstrumentNamedBy(reading.Instruments, segment)).FirstOrDefault(n => n is not null)
            is { } named
            ? new(place, InstrumentErrorCodes.UnknownInstrument,
                $"names another form than {named}, whose items {string.Join(" and ", forms)} may share with it: declare the address with PUT /sources if it is "
                    + "that form, or let the address end with its code")
            : null;
    }

    // phq-9, and phq-9-adolescent; but neither phq-9_gad-7 nor phq-9-v2, which add nothing to the forms that the items name.
    private static string? InstrumentNamedBy(InstrumentSet instruments, string segment)
    {
        if (Find(segment) is { } whole)
        {
            return whole;
        }

        for (var end = segment.Length - 1; end > 1; end--)
        {
            if (segment[end] is '-' or '_' or '.' or ' ' && Find(segment[..end]) is { } start)
            {
                return NeutralPattern().IsMatch(segment[end..]) || Find(segment[(end + 1)..]) is not null ? null : start;
            }
        }

        return null;

        string? Find(string name) => name.Length == 0 ? null : (instruments.FindByName(name)
            ?? instruments.FindCoding(InstrumentCoding.Loinc, name).Instrument)?.Code ?? FormQuestions.FindByCode(name)?.Instrument;
    }

    // A version, a language, or a word for any form.
    [GeneratedRegex(@"^([-_. ](v?\d[\w.]*|(?!sf)[a-z]{2}|form|example|questionnaire|survey|screen(er|ing)?|response|assessment))+\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NeutralPattern();
}
