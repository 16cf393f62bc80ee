using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>A fragment of HTML. Interpolated values are encoded unless they are fragments themselves.</summary>
internal sealed record Html(string Text)
{
    public static readonly Html Empty = new("");

    public static Html Of(Builder pieces) => new(pieces.ToString());

    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(p => p.Text)));

    public override string ToString() => Text;

    [InterpolatedStringHandler]
    public readonly ref struct Builder(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _text = new(literalLength + 16 * formattedCount);

        public void AppendLiteral(string value) => _text.Append(value);

        public void AppendFormatted(Html value) => _text.Append(value.Text);

        public void AppendFormatted(IEnumerable<Html> values)
        {
            foreach (var value in values)
            {
                _text.Append(value.Text);
            }
        }

        public void AppendFormatted<T>(T value) => _text.Append(WebUtility.HtmlEncode(value?.ToString()));

        public override string ToString() => _text.ToString();
    }
}
