using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Faults.Support;

/// <summary>Bodies of <c>POST /meta/…</c> with many effects.</summary>
internal static class EffectBody
{
    /// <summary>Effects of different size and precision.</summary>
    /// <param name="effects">Number of effects.</param>
    /// <param name="perSample">Effects per sample; 1 for independent ones.</param>
    /// <param name="levels">Levels of each moderator <c>m0</c>, <c>m1</c>, …</param>
    /// <param name="moderators">Number of moderators.</param>
    /// <param name="options">Further members of the body, such as <c>"by": ["m0"]</c>.</param>
    /// <param name="chained">How many effects, from the first, are of studies that share a sample with the next; others are of a study for each sample.</param>
    /// <param name="perStudy">Effects per study, a multiple of those per sample; 0 for a study for each sample.</param>
    public static string Json(int effects, int perSample = 1, int levels = 0, int moderators = 0, string options = "", int chained = 0, int perStudy = 0)
    {
        var body = new StringBuilder("{ \"effects\": [");
        var chance = new Random(effects);
        for (var i = 0; i < effects; i++)
        {
            body.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{{\"r\":{0.3 + (0.3 * Math.Sin(i)) + OfStudy(i):0.000},\"n\":{20 + (i % 300)}");
            if (i < chained)
            {
                body.Append(CultureInfo.InvariantCulture, $",\"sample\":\"c{(i + 1) / 2}\",\"study\":\"c{i / 2}\"");
            }
            else if (perSample > 1)
            {
                body.Append(CultureInfo.InvariantCulture, $",\"sample\":\"s{i / perSample}\"");
                if (perStudy > 0)
                {
                    body.Append(CultureInfo.InvariantCulture, $",\"study\":\"t{i / perStudy}\"");
                }
            }

            if (moderators > 0)
            {
                body.Append(",\"moderators\":{").AppendJoin(',', Enumerable.Range(0, moderators).Select(m =>
                    string.Create(CultureInfo.InvariantCulture, $"\"m{m}\":\"l{chance.Next(levels)}\""))).Append('}');
            }

            body.Append('}');
        }

        double OfStudy(int effect) => perStudy > 0 ? 0.2 * Math.Cos(2 * (effect / perStudy)) : 0;

        return body.Append(']').Append(options.Length > 0 ? $", {options}" : "").Append('}').ToString();
    }

    public static HttpContent ToContent(string json)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
