using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace RealRelationshipApi.Studies.Search;

/// <summary>Text without case and accents, for search.</summary>
/// <remarks>In lower case; accents of Latin letters are left out (<c>é</c> is e, <c>ø</c> is o), ligatures spelled out (<c>ß</c> is ss, <c>æ</c> is ae),
/// dashes are hyphens, quotation marks straight, and control characters spaces. The table stands here because the service runs without the data of Unicode
/// normalization. Stored texts depend on it: a change needs a migration.</remarks>
internal static class SearchText
{
    private static readonly FrozenDictionary<char, string> s_baseLetters = new (string Base, string Letters)[]
    {
        ("a", "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
        ("ae", "æǣǽ"),
        ("b", "ḃḅḇ"),
        ("c", "çćĉċčḉ"),
        ("d", "ðďđḋḍḏḑḓ"),
        ("dz", "ǆǳ"),
        ("e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
        ("f", "ḟ"),
        ("g", "ĝğġģǧǵḡ"),
        ("h", "ĥħȟḣḥḧḩḫẖ"),
        ("i", "İìíîïĩīĭįıǐȉȋḭḯỉị"),
        ("ij", "ĳ"),
        ("j", "ĵǰ"),
        ("k", "ķǩḱḳḵ"),
        ("l", "ĺļľłḷḹḻḽ"),
        ("lj", "ǉ"),
        ("m", "ḿṁṃ"),
        ("n", "ñńņňǹṅṇṉṋ"),
        ("ng", "ŋ"),
        ("nj", "ǌ"),
        ("o", "òóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ"),
        ("oe", "œ"),
        ("p", "ṕṗ"),
        ("r", "ŕŗřȑȓṙṛṝṟ"),
        ("s", "śŝşšſșṡṣṥṧṩẛ"),
        ("ss", "ß"),
        ("t", "ţťŧțṫṭṯṱẗ"),
        ("th", "þ"),
        ("u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
        ("v", "ṽṿ"),
        ("w", "ŵẁẃẅẇẉẘ"),
        ("x", "ẋẍ"),
        ("y", "ýÿŷȳẏẙỳỵỷỹ"),
        ("z", "źżžẑẓẕ"),
    }.SelectMany(row => row.Letters, (row, letter) => KeyValuePair.Create(letter, row.Base)).ToFrozenDictionary();

    /// <summary>The normal form of a text.</summary>
    public static string Normalize(string text)
    {
        var normal = new StringBuilder(text.Length);
        foreach (var letter in text.ToLowerInvariant())
        {
            _ = char.GetUnicodeCategory(letter) switch
            {
                _ when char.IsAsciiLetterOrDigit(letter) => normal.Append(letter),
                UnicodeCategory.NonSpacingMark => normal,
                UnicodeCategory.DashPunctuation => normal.Append('-'),
                UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation => normal.Append(letter is '\u2018' or '\u2019' ? '\'' : '"'),
                UnicodeCategory.Control or UnicodeCategory.SpaceSeparator => normal.Append(' '),
                _ when s_baseLetters.TryGetValue(letter, out var plain) => normal.Append(plain),
                _ => normal.Append(letter),
            };
        }

        return normal.ToString();
    }
}
